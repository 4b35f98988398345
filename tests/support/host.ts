import { parseConfig } from '../../core/config.ts'
import { createApp } from '../../core/http/app.ts'
import { createPlatform } from '../../core/platform.ts'
import { runs } from '../../functions/runs/index.ts'

// The runs function as a process of its own, for tests that kill it. Takes its configuration from the environment and
// prints its origin as the first line.

const platform = await createPlatform(parseConfig({ ...process.env, OORT_LOG_LEVEL: 'silent' }))
const app = await createApp(platform, [runs(platform)])
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
