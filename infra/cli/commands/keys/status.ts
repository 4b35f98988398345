import { Command } from 'commander'
import { insideOf } from '../../../../core/platform.ts'
import { countByVersion } from '../../../../core/store/count-by-version.ts'
import { storedVersions } from '../../../../core/store/key-versions.ts'
import { answering } from '../../answering.ts'
import { withPlatform } from '../../with-platform.ts'

/** `oort keys status`: which versions of the master key there are, and what is sealed under each. */
export function keyStatus(): Command {
  const command = new Command('status')
    .summary('count sealed values by version of the master key')
    .description('Counts the sealed values of each table by the version of the master key that seals them.')
  return answering(command, () =>
    withPlatform(async (platform) => {
      const { store, keyring } = insideOf(platform)
      const counts = await countByVersion(store.read)
      const versions = (await storedVersions(store.read)).map(({ version, root, createdAt }) => ({
        version,
        state: stateOf(version === keyring.currentVersion, root === null),
        createdAt,
        values: counts.filter((each) => each.version === version).reduce((sum, each) => sum + each.count, 0),
      }))
      const lines = [
        ...versions.map(({ version, state, values }) => `version ${version}  ${state.padEnd(8)}  ${values} values`),
        ...counts.map(({ table, value, version, count }) => `  ${`${table}.${value}`.padEnd(28)} ${version}  ${count}`),
      ]
      return { data: { versions, counts }, text: lines.join('\n') }
    }),
  )
}

function stateOf(current: boolean, retired: boolean): 'current' | 'previous' | 'retired' {
  if (current) return 'current'
  return retired ? 'retired' : 'previous'
}
