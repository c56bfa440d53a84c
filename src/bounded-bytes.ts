// Bodies that others send, read no further than a bound (security rule 12).

/** The bytes of a body; null once there are more than `most`, whatever length was promised: the rest is not read. */
export async function boundedBytes(
  body: AsyncIterable<Uint8Array> | null,
  most: number,
): Promise<Buffer<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > most) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
