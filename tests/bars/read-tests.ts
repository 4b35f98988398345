import { parseAst } from 'vitest/node'
import { listFiles, readSource } from '../support/source-graph.ts'

/** A test as its source names it; `name` is how it reads in the table, with the groups around it before it. */
export interface WrittenTest {
  /** From the repository's root. */
  readonly file: string
  /** Titles of the groups around it, outermost first, then its own. What is only known when it runs stands as `…`. */
  readonly parts: readonly string[]
  readonly name: string
  /** The bars that it holds: the ids that one of its parts begins with. */
  readonly ids: readonly string[]
}

interface Node {
  readonly type: string
  readonly [member: string]: unknown
}

/** What stands in a title for a value of `test.each`, in vitest's words: `%s`, `$member`. */
const placeholder = /%(?:[sdifjo#$]|%)|\$[\w.]+/g

/**
 * Every test of the repository, without running any: files in order, tests as they are written. Titles are read out of
 * the syntax tree; one that is a constant of its file is looked up there.
 */
export async function readTests(): Promise<readonly WrittenTest[]> {
  const files = listFiles().filter((path) => path.startsWith('tests/') && path.endsWith('.ts'))
  const read = await Promise.all(files.toSorted().map(async (file) => testsOf(file, await readSource(file))))
  return read.flat()
}

/** The tests of one file, by its source. */
export function testsOf(file: string, source: string): readonly WrittenTest[] {
  if (!/\b(?:test|describe)\b/.test(source)) return []
  const program = parseAst(source, { lang: 'ts' }) as unknown as Node
  const constants = new Map<string, Node>()
  const found: WrittenTest[] = []
  const visit = (node: Node, groups: readonly string[]): void => {
    if (node.type === 'VariableDeclarator') constants.set(String((node['id'] as Node)['name']), node['init'] as Node)
    const verb = node.type === 'CallExpression' ? verbOf(node['callee'] as Node) : undefined
    const [first] = (node['arguments'] ?? []) as readonly Node[]
    const title = verb === undefined || first === undefined ? undefined : titleOf(first, constants)
    if (title === undefined) {
      for (const child of childrenOf(node)) visit(child, groups)
      return
    }
    const parts = [...groups, title]
    if (verb === 'test') {
      found.push({ file, parts, name: parts.join(' › '), ids: [...new Set(parts.flatMap(leadingIds))] })
    } else {
      for (const child of childrenOf(node)) visit(child, parts)
    }
  }
  visit(program, [])
  return found
}

/** The ids that a title begins with, such as K1 and K2 of `K1 K2 a changed bit …`. */
export function leadingIds(title: string): readonly string[] {
  const [ids] = /^(?:[A-Z]\d+(?:\s+|$))+/.exec(title) ?? ['']
  return ids.split(/\s+/).filter((id) => id !== '')
}

/** A pattern for the names that one written part has when it runs. */
export function patternOf(part: string): string {
  return part
    .split('…')
    .map((text) => text.split(placeholder).map(RegExp.escape).join('[^]*'))
    .join('[^]*')
}

/** `test` or `describe`, for a call that takes a title: plain, or of `.each(…)`, `.skipIf(…)` and what they are chained to. */
function verbOf(callee: Node): string | undefined {
  if (callee.type === 'Identifier') return ['test', 'describe'].find((verb) => verb === callee['name'])
  if (callee.type === 'CallExpression') return verbOf(callee['callee'] as Node)
  return callee.type === 'MemberExpression' ? verbOf(callee['object'] as Node) : undefined
}

/** Undefined for what is no title, such as the table of `test.each([…])` or the condition of `test.skipIf(…)`. */
function titleOf(node: Node, constants: ReadonlyMap<string, Node>): string | undefined {
  switch (node.type) {
    case 'Literal':
      return typeof node['value'] === 'string' ? node['value'] : undefined
    case 'TemplateLiteral':
      return (node['quasis'] as readonly { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('…')
    case 'Identifier': {
      const value = constants.get(String(node['name']))
      return value === undefined || value === node ? undefined : titleOf(value, new Map())
    }
    default:
      return undefined
  }
}

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node)
    .flatMap((member) => (Array.isArray(member) ? (member as unknown[]) : [member]))
    .filter((member): member is Node => typeof member === 'object' && member !== null && 'type' in member)
}
