// The shades of an operator's colour: whatever it is, text on it and links in it can be read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accentOf, type Color, contrastOf, cssColor } from '../../src/config/accent-color.ts'
import { load, problemsOf } from '../support/config.ts'

const hex = (color: readonly number[]) => `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`

/** Grounds of pages and mails, light and dark. */
const light: Color[] = [
  [255, 255, 255],
  [246, 247, 248],
  [241, 243, 245],
]
const dark: Color[] = [
  [15, 18, 22],
  [23, 27, 33],
  [30, 36, 44],
]

test('text on every colour, and links in it on every ground, have a contrast of 4.5 at least', () => {
  const steps = [0, 51, 102, 119, 153, 204, 255]
  for (const red of steps)
    for (const green of steps)
      for (const blue of steps) {
        const pages_color = hex([red, green, blue])
        const { ground, on, hover, link_light, link_dark } = accentOf({ pages_color })
        assert.deepEqual(ground, [red, green, blue])
        for (const under of [ground, hover]) assert.ok(contrastOf(on, under) >= 4.5, `${pages_color} on ${under}`)
        for (const under of light) assert.ok(contrastOf(link_light, under) >= 4.5, `${pages_color} light`)
        for (const under of dark) assert.ok(contrastOf(link_dark, under) >= 4.5, `${pages_color} dark`)
      }
})

test('a colour that can be read is used as it is', () => {
  const { on, link_light } = accentOf({ pages_color: 'rgb(11, 107, 78)' })
  assert.deepEqual([cssColor(on), cssColor(link_light)], ['rgb(255, 255, 255)', 'rgb(11, 107, 78)'])
  assert.deepEqual(accentOf({ pages_color: '#073' }), accentOf({ pages_color: '#007733' }))
})

test('what is no colour is refused at the start, and never gets into a stylesheet', () => {
  for (const color of ['green', '#12', '#1234567', 'rgb(1,2)', 'rgb(256, 0, 0)', 'red;}body{display:none', 'url(x)'])
    assert.match(problemsOf({ POSTERN_PAGES_COLOR: color })[0] ?? '', /^POSTERN_PAGES_COLOR must be a colour/, color)
  for (const color of ['#fff', '#0B6B4E', 'rgb(1, 2, 3)']) assert.ok(load({ POSTERN_PAGES_COLOR: color }).pages_color)
})
