import { isRecord } from '../../core/providers/json.ts'

/** Contents hold parts, and a tool's result holds contents again: no provider nests deeper. */
const deepest = 6

/** What people and programs wrote in a request of either wire format: the text of `system` and `messages`. */
export function textInMessages(body: { readonly system?: unknown; readonly messages?: unknown }): string {
  const found: string[] = []
  gather(body.messages, found, 0)
  gather(body.system, found, 0)
  return found.join('\n')
}

function gather(value: unknown, found: string[], depth: number): void {
  if (depth > deepest) return
  if (typeof value === 'string') found.push(value)
  else if (Array.isArray(value)) for (const item of value) gather(item, found, depth + 1)
  else if (isRecord(value)) gather(value['text'] ?? value['content'], found, depth + 1)
}
