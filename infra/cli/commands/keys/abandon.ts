import { Command } from 'commander'
import { systemClock } from '../../../../core/clock.ts'
import { consoleActor } from '../../../../core/scope/console-scope.ts'
import { abandonRotation } from '../../../../core/store/abandon-rotation.ts'
import { answering } from '../../answering.ts'
import { withStore } from '../../with-platform.ts'

/** `oort keys abandon`: takes back a rotation whose new key was lost before anything was sealed under it. */
export function abandonNewKey(): Command {
  const command = new Command('abandon').summary('take back a rotation that sealed nothing yet').description(
    `Takes back a rotation whose new key was lost, as long as nothing is sealed under it:
  1. stop every process
  2. set BYOK_MASTER_KEY to the key before the lost one, and leave BYOK_MASTER_KEY_PREVIOUS out
  3. run this`,
  )
  return answering(command, () =>
    withStore(async (store, config) => {
      const done = await abandonRotation(store, config.secrets.byokMasterKey, consoleActor(), systemClock())
      return { data: done, text: `Version ${done.version} is gone; version ${done.current} is current again.` }
    }),
  )
}
