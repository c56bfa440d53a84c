// The colour of an operator in shades that can be read: on the colour, and in it on light and dark grounds (WCAG 2.2).
import type { Config } from './keys.ts'

/** Red, green and blue, 0 to 255. */
export type Color = readonly [number, number, number]

/** Shades of a colour. */
export interface Accent {
  /** The colour itself, under the text of buttons. */
  ground: Color
  /** Text on it: black or white. */
  on: Color
  /** The ground under the pointer, still with that text. */
  hover: Color
  /** Links on light grounds, and on dark ones. */
  link_light: Color
  link_dark: Color
}

const white: Color = [255, 255, 255]
const black: Color = [0, 0, 0]
/** The grounds of pages and mails that are hardest to read on: the darkest of the light ones, the lightest of the dark. */
const hardest = { light: [236, 239, 242], dark: [38, 46, 56] } as const
/** The contrast of text that WCAG 2.2 §1.4.3 asks for, and a little for rounding. */
const enough = 4.6

/** The colour of pages where none is configured. */
const usualColor: Color = [11, 107, 78]

/**
 * Reads `#0b6b4e`, `#073` or `rgb(11, 107, 78)`.
 * @throws Error for anything else
 */
function readColor(text: string): Color {
  const hex = /^#(?:([\da-f]{3})|([\da-f]{6}))$/i.exec(text.trim())
  const digits = hex?.[2] ?? hex?.[1]?.replace(/./g, '$&$&')
  const parts = digits
    ? [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16))
    : (/^rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)$/i.exec(text.trim())?.slice(1).map(Number) ?? [])
  const [red, green, blue] = parts
  if (red === undefined || green === undefined || blue === undefined || parts.some((part) => part > 255))
    throw new Error('must be a colour such as #0b6b4e or rgb(11, 107, 78)')
  return [red, green, blue]
}

/** How CSS writes a colour, in the way that mails can have too: six digits after a # read as a code. */
export const cssColor = (color: Color): string => `rgb(${color.join(', ')})`

/** The contrast of two colours (WCAG 2.2, contrast ratio), 1 to 21. */
export function contrastOf(a: Color, b: Color): number {
  const [dark = 0, light = 0] = [luminanceOf(a), luminanceOf(b)].sort((one, other) => one - other)
  return (light + 0.05) / (dark + 0.05)
}

/**
 * The shades of a colour as it is configured.
 * @throws Error for what is no colour
 */
export function accentOf({ pages_color }: Pick<Config, 'pages_color'>): Accent {
  const color = pages_color === '' ? usualColor : readColor(pages_color)
  // Black or white has a contrast of 4.58 with any colour.
  const on = contrastOf(color, white) >= 4.5 ? white : black
  return {
    ground: color,
    on,
    hover: mix(color, on === white ? black : white, 0.15),
    link_light: until(color, black, hardest.light),
    link_dark: until(mix(color, white, 0.25), white, hardest.dark),
  }
}

/** The colour with as little of another as makes it stand out from a ground. */
function until(color: Color, other: Color, ground: Color): Color {
  for (let share = 0; share < 1; share += 0.02) {
    const mixed = mix(color, other, share)
    if (contrastOf(mixed, ground) >= enough) return mixed
  }
  return other
}

const mix = (a: Color, b: Color, share: number): Color => [
  Math.round(a[0] + (b[0] - a[0]) * share),
  Math.round(a[1] + (b[1] - a[1]) * share),
  Math.round(a[2] + (b[2] - a[2]) * share),
]

function luminanceOf(color: Color): number {
  const [red = 0, green = 0, blue = 0] = color.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
