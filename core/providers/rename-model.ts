const quote = 0x22
const backslash = 0x5c
const opening = new Set([0x7b, 0x5b])
const closing = new Set([0x7d, 0x5d])
const colon = 0x3a

/**
 * Puts another value in the place of the outermost `model` member of a JSON object and leaves every other byte as it
 * is. `json` must be valid JSON in UTF-8; without such a string member it is returned unchanged.
 */
export function renameModel(json: Uint8Array, model: string): Uint8Array {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength)
  let depth = 0
  /** The last string of the outermost object, which is a key when a colon follows. */
  let last = ''
  let afterModel = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === undefined) break
    if (byte === quote) {
      const end = endOfString(bytes, at)
      if (afterModel && depth === 1) {
        return Buffer.concat([bytes.subarray(0, at), Buffer.from(JSON.stringify(model)), bytes.subarray(end)])
      }
      if (depth === 1) last = String(JSON.parse(bytes.toString('utf8', at, end)))
      at = end - 1
    } else if (byte === colon && depth === 1) {
      afterModel = last === 'model'
    } else if (opening.has(byte)) {
      depth += 1
    } else if (closing.has(byte)) {
      depth -= 1
    } else if (byte === 0x2c && depth === 1) {
      afterModel = false
    }
  }
  return json
}

/** The place after the closing quote of the string that opens at `start`. */
function endOfString(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    if (bytes[at] === backslash) at += 1
    else if (bytes[at] === quote) return at + 1
  }
  return bytes.length
}
