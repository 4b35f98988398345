import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const file = join(import.meta.dirname, '../RESULTS.md')

/** Puts the figures of one benchmark into RESULTS.md, in the place of its former ones, and leaves all others. */
export async function record(benchmark: string, markdown: string): Promise<void> {
  const [begin, end] = [`<!-- ${benchmark} -->\n`, `<!-- /${benchmark} -->\n`]
  const before = await readFile(file, 'utf8').catch(() => '')
  const section = `${begin}${markdown}${end}`
  const [from, to] = [before.indexOf(begin), before.indexOf(end)]
  const whole = from === -1 ? `${before}\n${section}` : before.slice(0, from) + section + before.slice(to + end.length)
  await writeFile(file, whole.trimStart())
}
