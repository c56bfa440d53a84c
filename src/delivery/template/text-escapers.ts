// The escaping functions that templates call themselves, besides `html`: `js` and `urlquery`.

/** `urlquery`: everything but letters, digits and `-_.~`, in upper-case hex; a space becomes a plus. */
export const escapeQuery = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')

/** `js`: safe within quotes of a script; what is not printable is written by its code. */
export const escapeScript = (text: string): string =>
  text.replace(/[\\'"<>&=\0-\x1f]|[^\p{L}\p{M}\p{N}\p{P}\p{S} \x7f]/gu, (character) =>
    `\\'"`.includes(character)
      ? `\\${character}`
      : `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
