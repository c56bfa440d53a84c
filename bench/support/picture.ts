// docs/pictures/performance.svg: bars of what was measured, readable on light and dark pages.
import type { Bar, Found, Panel } from './found.ts'

const width = 760
const nameWidth = 250
const barWidth = 370
const barHeight = 18
const step = 26
const gap = 26

const style = `svg{color-scheme:light dark}rect.page{fill:light-dark(#ffffff,#11161c)}text{font:13px system-ui,sans-serif;fill:light-dark(#1b1f27,#e8eaee)}text.title{font-size:15px;font-weight:600}text.name{text-anchor:end}text.note{fill:light-dark(#5b6472,#a3adba);font-size:12px}.p0{fill:light-dark(#0b6e4f,#4cc49a)}.p1{fill:light-dark(#d08a1d,#f0b95a)}`

const escaped = (text: string): string =>
  text.replace(/[&<>"`]/g, (found) => (found === '`' ? '' : `&#${found.charCodeAt(0)};`))
const write = (value: number): string => value.toLocaleString('en')
const sum = ({ values }: Bar): number => values.reduce((total, value) => total + value, 0)

/** Height of the title, and of the legend where there is one. */
const headOf = ({ parts }: Panel): number => (parts.length > 1 ? 58 : 36)

/** All results that have bars, one panel below the other, each with a scale of its own from 0 on. */
export function picture(results: Record<string, Found>): string {
  const panels = Object.values(results).flatMap(({ panel }) => (panel ? [panel] : []))
  let y = 8
  const drawn = panels.map((panel) => {
    const text = `<g transform="translate(0 ${y})">\n${draw(panel)}\n</g>`
    y += headOf(panel) + panel.bars.length * step + gap
    return text
  })
  const label = `Bars: ${panels.map(({ title }) => title).join('; ')}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="${escaped(label)}">
<style>${style}</style>
<rect class="page" width="${width}" height="${y}" rx="8"/>
${drawn.join('\n')}
</svg>
`
}

function draw(panel: Panel): string {
  const most = Math.max(...panel.bars.map(sum), Number.MIN_VALUE)
  const legend = panel.parts.length > 1 ? panel.parts.map((part, n) => legendOf(part, n)) : []
  const title = `<text class="title" x="20" y="22">${escaped(panel.title)} (${escaped(panel.unit)})</text>`
  const bars = panel.bars.map((bar, n) => drawBar(bar, headOf(panel) + n * step, barWidth / most))
  return [title, ...legend, ...bars].join('\n')
}

const legendOf = (part: string, n: number): string =>
  `<rect class="p${n}" x="${20 + n * 120}" y="32" width="12" height="12" rx="2"/><text class="note" x="${38 + n * 120}" y="42">${escaped(part)}</text>`

function drawBar(bar: Bar, y: number, scale: number): string {
  let x = nameWidth
  const parts = bar.values.map((value, n) => {
    const length = Math.max(value * scale, 1)
    const part = `<rect class="p${n}" x="${x.toFixed(1)}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}"/>`
    x += length
    return part
  })
  const figures = bar.values.map(write).join(' + ')
  return `<text class="name" x="${nameWidth - 8}" y="${y + 14}">${escaped(bar.name)}</text>${parts.join('')}<text x="${(x + 6).toFixed(1)}" y="${y + 14}">${figures}</text>`
}
