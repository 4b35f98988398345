import { hostname } from 'node:os'
import { newId } from '../../ids.ts'
import { listInstances, type ProcessName } from '../instances.ts'
import type { Db } from '../store.ts'
import { MoveError } from './move-error.ts'

/** The processes that work on a database. */
export async function findLiving(read: Db, now: number): Promise<readonly ProcessName[]> {
  const self = { id: newId('instance'), host: hostname(), pid: process.pid }
  return (await listInstances({ read }, self, now)).filter(({ dead }) => !dead)
}

/** Throws MoveError where an Oort works on `place`. */
export async function refuseLiving(read: Db, place: string, now: number): Promise<void> {
  const living = await findLiving(read, now)
  if (living.length === 0) return
  const them = living.map(({ host, pid }) => `process ${pid} on ${host}`).join(', ')
  throw new MoveError(
    `An Oort works on ${place}: ${them}. Stop it first. One that ended without a word, on another host, is taken for alive for a minute.`,
  )
}
