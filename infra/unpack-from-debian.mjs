// Takes packages from Debian's archive and unpacks them, uninstalled, into a folder. Runs on whatever Node (20 or later)
// the machine has.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Unpacks `packages` of a release (`suite`, such as `trixie`) into the folder `into`; `withDependencies` takes all that
 * they depend on along, as for a machine that has nothing. Apt checks the archive's signature with the machine's own
 * keyring; its lists and settings are untouched. Answers whether that was done: not where apt is missing or cannot reach
 * the archive.
 */
export function unpackFromDebian({ packages, suite, into, withDependencies = false }) {
  const scratch = mkdtempSync(join(tmpdir(), 'oort-apt-'))
  try {
    const archive = debianArchive()
    if (archive === undefined) return false
    writeFileSync(join(scratch, 'sources.list'), `deb ${archive} ${suite} main\n`)
    writeFileSync(join(scratch, 'installed'), '')
    for (const folder of ['lists/partial', 'archives/partial']) mkdirSync(join(scratch, folder), { recursive: true })
    const settings = [
      `Dir::Etc::SourceList=${join(scratch, 'sources.list')}`,
      'Dir::Etc::SourceParts=-',
      `Dir::State::Lists=${join(scratch, 'lists')}`,
      `Dir::State::Status=${join(scratch, 'installed')}`,
      `Dir::Cache::Archives=${join(scratch, 'archives')}`,
      `Dir::Cache::pkgcache=${join(scratch, 'pkgcache.bin')}`,
      `Dir::Cache::srcpkgcache=${join(scratch, 'srcpkgcache.bin')}`,
      'APT::Sandbox::User=root',
      // Nothing of the machine is touched, so nothing of it need be locked.
      'Debug::NoLocking=true',
    ].flatMap((setting) => ['-o', setting])
    const archives = join(scratch, 'archives')
    const apt = (...args) => run('apt-get', ['-qq', ...settings, ...args], archives)
    const get = withDependencies ? ['--download-only', '-y', '--no-install-recommends', 'install'] : ['download']
    if (!apt('update') || !apt(...get, ...packages)) return false
    mkdirSync(into, { recursive: true })
    const files = readdirSync(archives).filter((name) => name.endsWith('.deb'))
    return files.length > 0 && files.every((file) => run('dpkg-deb', ['-x', file, into], archives))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Where this machine gets Debian from: the first archive that apt is told of. */
function debianArchive() {
  const asked = spawnSync('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'])
  return asked.stdout
    ?.toString()
    .split('\n')
    .find((address) => /\/debian\/?$/.test(address))
}

function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}
