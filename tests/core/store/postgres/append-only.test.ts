import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditColumns, entry, type Lab, openLab, withoutPostgres } from './lab.ts'

describe.skipIf(withoutPostgres)('the log on PostgreSQL', () => {
  let lab: Lab
  let url: string
  /** Who owns the tables: the triggers hold even for them. */
  let owner: Client

  beforeAll(async () => {
    lab = await openLab()
    ;({ url, owner } = await lab.migrated())
    for (const seq of [1, 2, 3, 4]) await owner.query(entry(seq))
  })

  afterAll(() => lab?.close())

  const rows = async () => (await owner.query('SELECT * FROM audit_events ORDER BY rowid')).rows

  const merge = 'MERGE INTO audit_events AS e USING (SELECT 2 AS seq) AS given ON e.seq = given.seq'
  const moved = auditColumns.replace('seq', 'seq + 1')

  describe('A1 an audit row, once written, is refused', () => {
    test.each([
      ['UPDATE', "UPDATE audit_events SET action = 'x' WHERE seq = 2"],
      ['UPDATE that changes nothing', 'UPDATE audit_events SET action = action'],
      ['UPDATE of no row', "UPDATE audit_events SET action = 'x' WHERE seq = 99"],
      ['UPDATE FROM', 'UPDATE audit_events SET ts = other.ts FROM audit_events AS other WHERE other.seq = 1'],
      ['UPDATE of its number', 'UPDATE audit_events SET rowid = rowid + 100'],
      ['DELETE', 'DELETE FROM audit_events WHERE seq = 4'],
      ['DELETE of all', 'DELETE FROM audit_events'],
      ['TRUNCATE', 'TRUNCATE audit_events'],
      ['TRUNCATE along with others', 'TRUNCATE users, audit_events CASCADE'],
      ['MERGE that updates', `${merge} WHEN MATCHED THEN UPDATE SET action = 'x'`],
      ['MERGE that deletes', `${merge} WHEN MATCHED THEN DELETE`],
      ['UPSERT', `${entry(4)} ON CONFLICT (subject_id, seq) DO UPDATE SET action = 'x'`],
      ['UPSERT by its number', `${entry(5)} ON CONFLICT (rowid) DO UPDATE SET action = 'x'`],
      ['COMMON TABLE EXPRESSION', 'WITH gone AS (DELETE FROM audit_events RETURNING 1) SELECT count(*) FROM gone'],
    ])('to %s', async (_name, statement) => {
      const before = await rows()
      await expect(owner.query(statement)).rejects.toMatchObject({
        code: 'OR001',
        message: 'audit_events is append-only',
      })
      expect(await rows()).toEqual(before)
    })

    test.each([
      ['to leave a gap', entry(6, 4)],
      ['to follow an entry that is not the one before it', entry(5, 3)],
      ['to stand before the first', entry(0, 0)],
      ['to begin with anything but zeros', entry(1, 7)],
      [
        'to be copied to the next place',
        `INSERT INTO audit_events (${auditColumns}) SELECT ${moved} FROM audit_events`,
      ],
    ])('%s', async (_name, statement) => {
      const before = await rows()
      await expect(owner.query(statement)).rejects.toMatchObject({ code: 'OR002', message: 'audit_events has no gaps' })
      expect(await rows()).toEqual(before)
    })
  })

  test('A1 two that follow the same entry at once: one of them is refused, and none follows what is not committed', async () => {
    const [first, second] = [await lab.connect(url), await lab.connect(url)]
    await first.query('BEGIN')
    await first.query(entry(5))
    await expect(second.query(entry(6))).rejects.toMatchObject({ code: 'OR002' })
    const late = second.query(entry(5)).catch((error: unknown) => error)
    await first.query('COMMIT')
    expect(await late).toMatchObject({ code: 'OR002' })
    expect(await rows()).toHaveLength(5)
  })

  test('several entries of one statement follow each other, and are numbered in that order', async () => {
    await owner.query(`${entry(6)}, ${entry(7).split('VALUES')[1]}`)
    const numbers = await owner.query("SELECT seq FROM audit_events WHERE subject_id = 'usr_1' ORDER BY rowid")
    expect(numbers.rows.map(({ seq }) => Number(seq))).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test('A1 a temporary table of the same name does not answer for the log', async () => {
    const other = await lab.connect(url)
    await other.query('CREATE TEMPORARY TABLE audit_events (LIKE public.audit_events INCLUDING IDENTITY)')
    await other.query(entry(8))
    const forged = entry(9).replace('INTO audit_events', 'INTO public.audit_events')
    await expect(other.query(forged)).rejects.toMatchObject({ code: 'OR002' })
  })

  test('A1 where a chain stands is moved by its entries alone: functions can only look it up', async () => {
    const { rows: heads } = await owner.query('SELECT subject_id, seq FROM audit_heads')
    const { rows: ends } = await owner.query('SELECT subject_id, max(seq) AS seq FROM audit_events GROUP BY subject_id')
    expect(heads).toEqual(ends)
    await owner.query('SET ROLE oort_functions')
    try {
      for (const change of ['UPDATE audit_heads SET seq = 1', 'DELETE FROM audit_heads', 'TRUNCATE audit_heads']) {
        await expect(owner.query(change)).rejects.toMatchObject({ code: '42501' })
      }
      await owner.query(entry(8))
    } finally {
      await owner.query('RESET ROLE')
    }
  })
})
