/** The beginning of a provider's key, of ours, and of Stripe's. */
const shape = /(sk-|csk-|oort_|[sr]k_(?:live|test)_|whsec_)[\w-]{16,}/

/** Whether a text holds what could be a key: one pasted by mistake into a text that is not kept secret. */
export function looksLikeKey(text: string): boolean {
  return shape.test(text)
}

/**
 * Whether a text, or what follows a slash or a colon in it, begins as a key does: for names, in which other words may
 * end as the beginning of a key.
 */
export function beginsLikeKey(text: string): boolean {
  return text.split(/[/:]/).some((part) => part.search(shape) === 0)
}
