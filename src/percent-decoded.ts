// Percent-encoded text of others (RFC 3986 §2.1): a bare percent sign means itself, and is no reason to refuse.

/** The decoded text, or the text as it is where it is not encoded right. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
