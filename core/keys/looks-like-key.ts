/** The beginning of a key, ours included. */
const shape = /(sk-|csk-|oort_)[\w-]{16,}/

/** Whether a text holds what could be a key: one pasted by mistake into a text that is not kept secret. */
export function looksLikeKey(text: string): boolean {
  return shape.test(text)
}
