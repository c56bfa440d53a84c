// Charts as SVG, made on the server: days beneath, stacked bars of what happened; the same numbers stand in a table.
import { scaleBand, scaleLinear } from 'd3-scale'
import { stack } from 'd3-shape'
import { html } from 'hono/html'
import type { Html } from '../page.ts'
import type { Words } from '../words/words.ts'

/** A chart of days. */
export interface DayChart {
  title: string
  /** Days as `2026-01-31`, in order. */
  days: readonly string[]
  /** What is stacked, the first beneath; the most of them that are told apart is six. */
  series: readonly { name: string; counts: readonly number[]; is_bad?: boolean }[]
}

const size = { width: 640, height: 150, left: 40, bottom: 20, top: 6, right: 4 }

/** The chart with its legend and its table. */
export function dayChart(words: Words, { title, days, series }: DayChart): Html {
  const rows = days.map((_, at) => Object.fromEntries(series.map(({ name, counts }) => [name, counts[at] ?? 0])))
  const stacked = stack<Record<string, number>>().keys(series.map(({ name }) => name))(rows)
  const most = Math.max(1, ...stacked.flatMap((layer) => layer.map(([, top]) => top)))
  const x = scaleBand<string>()
    .domain([...days])
    .range([size.left, size.width - size.right])
    .paddingInner(0.25)
  const y = scaleLinear()
    .domain([0, most])
    .nice(3)
    .range([size.height - size.bottom, size.top])
  const totals = series.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0))
  const classOf = (at: number) => (series[at]?.is_bad ? 'bad' : `s${at % 6}`)
  const bars = stacked.map(
    (layer, at) =>
      html`<g class="${classOf(at)}">${layer.map(([from, to], day) =>
        to > from
          ? html`<rect x="${round(x(days[day] ?? '') ?? 0)}" y="${round(y(to))}" width="${round(x.bandwidth())}" height="${round(Math.max(0.5, y(from) - y(to)))}"><title>${days[day]}: ${series[at]?.name} ${to - from}</title></rect>`
          : '',
      )}</g>`,
  )
  const ticks = y
    .ticks(3)
    .filter((tick) => Number.isInteger(tick))
    .map(
      (tick) =>
        html`<g><line x1="${size.left}" x2="${size.width - size.right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/><text x="${size.left - 6}" y="${round(y(tick)) + 4}" text-anchor="end">${words.number(tick)}</text></g>`,
    )
  const labels = [0, Math.floor(days.length / 2), days.length - 1].map((at) => {
    const middle = (x(days[at] ?? '') ?? 0) + x.bandwidth() / 2
    const anchor = at === 0 ? 'start' : at === days.length - 1 ? 'end' : 'middle'
    return html`<text x="${round(middle)}" y="${size.height - 4}" text-anchor="${anchor}">${days[at]}</text>`
  })
  const legend = series.map(
    ({ name }, at) =>
      html`<li><i class="${classOf(at)}" aria-hidden="true"></i>${name} <b>${words.number(totals[at] ?? 0)}</b></li>`,
  )
  const head = series.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)
  const lines = days.map(
    (day, at) =>
      html`<tr><th scope="row">${day}</th>${series.map(({ counts }) => html`<td class="number">${words.number(counts[at] ?? 0)}</td>`)}</tr>`,
  )
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${title}"><g class="axis">${ticks}</g>${bars}<g class="axis">${labels}</g></svg>
<ul class="legend">${legend}</ul>
<details><summary>${words('console.as_table')}</summary><div class="scroll" tabindex="0" role="region" aria-label="${title}"><table><thead><tr><th scope="col">${words('console.day')}</th>${head}</tr></thead><tbody>${lines}</tbody></table></div></details></figure>`
}

const round = (value: number): number => Math.round(value * 10) / 10
