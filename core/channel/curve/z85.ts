/** The texts that ZeroMQ writes keys in (its RFC 32): five characters for four bytes. */
const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'

/** Bytes of a CURVE key. */
const keyBytes = 32

/** A key as text. */
export function encodeKey(key: Buffer): string {
  let text = ''
  for (let at = 0; at < key.length; at += 4) {
    const word = key.readUInt32BE(at)
    for (let weight = 85 ** 4; weight >= 1; weight /= 85) text += alphabet[Math.floor(word / weight) % 85]
  }
  return text
}

/** The key in a text, or `undefined` when there is none. */
export function decodeKey(text: string): Buffer | undefined {
  if (text.length !== (keyBytes / 4) * 5) return undefined
  const key = Buffer.alloc(keyBytes)
  for (let at = 0; at < keyBytes; at += 4) {
    let word = 0
    for (const letter of text.slice((at / 4) * 5, (at / 4) * 5 + 5)) {
      const digit = alphabet.indexOf(letter)
      if (digit < 0) return undefined
      word = word * 85 + digit
    }
    if (word > 0xffffffff) return undefined
    key.writeUInt32BE(word, at)
  }
  return key
}
