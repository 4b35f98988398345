// Fetches a current Caddy from the backports of Debian 13 and unpacks it, uninstalled, into .tools/caddy: production runs
// a current one, and what Debian 12 has is old. Runs on whatever Node (20 or later) the machine has.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const suite = 'trixie-backports'

/**
 * Leaves `<into>/usr/bin/caddy` there, where apt can reach Debian's archive; a copy that is there already is kept. Apt
 * checks the archive's signature with the machine's own keyring; its lists and settings are untouched.
 * Answers whether it is there.
 */
export function fetchCurrentCaddy(into) {
  const binary = join(into, 'usr/bin/caddy')
  if (existsSync(binary)) return true
  const scratch = mkdtempSync(join(tmpdir(), 'oort-apt-'))
  try {
    const archive = debianArchive()
    if (archive === undefined) return false
    writeFileSync(join(scratch, 'sources.list'), `deb ${archive} ${suite} main\n`)
    mkdirSync(join(scratch, 'lists/partial'), { recursive: true })
    const settings = [
      `Dir::Etc::SourceList=${join(scratch, 'sources.list')}`,
      'Dir::Etc::SourceParts=-',
      `Dir::State::Lists=${join(scratch, 'lists')}`,
      `Dir::Cache::pkgcache=${join(scratch, 'pkgcache.bin')}`,
      `Dir::Cache::srcpkgcache=${join(scratch, 'srcpkgcache.bin')}`,
      'APT::Sandbox::User=root',
    ].flatMap((setting) => ['-o', setting])
    const apt = (...args) => run('apt-get', ['-qq', ...settings, ...args], scratch)
    if (!apt('update') || !apt('download', `caddy/${suite}`)) return false
    mkdirSync(into, { recursive: true })
    const [archiveFile] = readdirSync(scratch).filter((name) => name.endsWith('.deb'))
    return archiveFile !== undefined && run('dpkg-deb', ['-x', archiveFile, into], scratch) && existsSync(binary)
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
