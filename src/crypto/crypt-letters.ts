// The base64 of crypt(3): its own alphabet, and bits from the least on.

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The letters of 24 bits, the lowest first; `a` are the highest eight. */
export function cryptLetters(a: number, b: number, c: number, count: number): string {
  let bits = (a << 16) | (b << 8) | c
  let text = ''
  for (let i = 0; i < count; i++, bits >>= 6) text += alphabet[bits & 63]
  return text
}

/** The number that a letter stands for; -1 for another letter. */
export const cryptValue = (letter: string): number => alphabet.indexOf(letter)
