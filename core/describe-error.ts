import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { OortError } from './errors.ts'

/** A place in code: no value that code worked on, and no path of the machine. */
export interface Place {
  readonly function: string
  /** From the folder of the code on, such as `core/http/app.ts`, or a module of Node. */
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What may be told of an error outside the process. */
export interface Described {
  readonly name: string
  readonly code?: string
  /** Of our own errors alone: a title of the catalogue. */
  readonly message?: string
  readonly at?: readonly string[]
  readonly cause?: Described
}

/** The folder of the code, as ES modules and as CommonJS are named in a stack. */
const folder = join(import.meta.dirname, '..')
const folders = [`${pathToFileURL(folder).href}/`, `${folder}/`]

const deepestCause = 4
const mostPlaces = 8

/** Names of classes, and codes as Node, undici, SQLite and Fastify write them. No secret has either form. */
const className = /^[A-Z][A-Za-z]{0,39}$/
const errorCode = /^[A-Z][A-Z0-9]{0,11}(?:_[A-Z0-9]{1,15}){0,7}$/

/**
 * An error as the log, and whoever reads it, may see it. Messages of foreign errors can quote SQL with its parameters,
 * a body or a header, and names and codes can be what a server answered: only the message of our own errors is kept,
 * and of others what has the form of a class's name, of a code and of a place in code. Takes whatever was thrown, and
 * never throws.
 */
export function describeError(error: unknown, depth = 0): Described {
  if (!(error instanceof Error)) return { name: typeof error }
  const cause =
    depth < deepestCause && error.cause !== undefined ? { cause: describeError(error.cause, depth + 1) } : {}
  if (error instanceof OortError) return { name: error.name, code: error.code, message: error.message, ...cause }
  const at = placesOf(error).map(({ function: name, file, line, column }) => `${name} ${file}:${line}:${column}`)
  return { ...labelsOf(error), at, ...cause }
}

/** The name of an error's class and its code, where they have the form of one. */
export function labelsOf(error: Error): { readonly name: string; readonly code?: string } {
  const name = className.test(String(error.name)) ? error.name : 'Error'
  const code = 'code' in error && typeof error.code === 'string' && errorCode.test(error.code) ? error.code : undefined
  return code === undefined ? { name } : { name, code }
}

const frame =
  /^ {4}at (?:(?:async |new )*(?<name>[\w$.<>#[\] ]{1,80}) \()?(?<url>[^()\s]+):(?<line>\d+):(?<column>\d+)\)?$/

/**
 * Where an error was made, the innermost place first. The message stands before the places in a stack, and with line
 * breaks in it could pass for one: it is cut off, and a stack that does not begin with it tells no places.
 */
export function placesOf(error: Error): readonly Place[] {
  const { stack, message } = error
  if (typeof stack !== 'string' || typeof message !== 'string') return []
  const start = stack.indexOf(message)
  if (start === -1 || stack.lastIndexOf('\n', start) !== -1) return []
  return stack
    .slice(start + message.length)
    .split('\n')
    .slice(1)
    .flatMap(placeIn)
    .slice(0, mostPlaces)
}

function placeIn(line: string): readonly Place[] {
  const { name, url = '', line: row, column } = frame.exec(line)?.groups ?? {}
  const file = fileOf(url)
  if (file === undefined) return []
  return [{ function: name ?? '<anonymous>', file, line: Number(row), column: Number(column) }]
}

/** Undefined for what is no file of ours, of a package or of Node. */
function fileOf(url: string): string | undefined {
  if (/^node:[\w/]{1,80}$/.test(url)) return url
  const file = folders.filter((folder) => url.startsWith(folder)).map((folder) => url.slice(folder.length))[0]
  return file !== undefined && /^[\w@./+-]{1,160}$/.test(file) ? file : undefined
}
