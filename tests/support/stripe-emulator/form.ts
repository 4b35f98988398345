/** A value of a form-encoded body: `metadata[a]=1` and `items[0][price]=x` are objects within objects. */
export type FormValue = string | { [name: string]: FormValue }

/**
 * Reads a form-encoded body as Stripe does. Numbers of list members stay what they are on the wire: names.
 * Throws TypeError for a name that is no path or that is used as a value and as an object.
 */
export function readForm(body: string): { [name: string]: FormValue } {
  const root: { [name: string]: FormValue } = Object.create(null)
  for (const [path, value] of new URLSearchParams(body)) {
    const names = /^[^[\]]+(?:\[[^[\]]*\])*$/.test(path) ? path.split(/\[|\]\[|\]$/).filter((name) => name !== '') : []
    const last = names.pop()
    if (last === undefined) throw new TypeError(`Invalid parameter name: ${path}`)
    let at = root
    for (const name of names) {
      at[name] ??= Object.create(null) as { [name: string]: FormValue }
      const next = at[name]
      if (typeof next !== 'object') throw new TypeError(`Invalid object: ${path}`)
      at = next
    }
    at[last] = value
  }
  return root
}

/** The text at a path such as `line_items.0.price`. */
export function textAt(form: FormValue, path: string): string | undefined {
  let at: FormValue | undefined = form
  for (const name of path.split('.')) at = typeof at === 'object' ? at[name] : undefined
  return typeof at === 'string' ? at : undefined
}
