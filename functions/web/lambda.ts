import { lambdaHandler } from '../../core/http/lambda.ts'
import type { Capability } from '../../core/http/operation.ts'
import { web } from './index.ts'

export const handler = lambdaHandler(process.env, (platform) => {
  const alone: Capability = web(platform, () => alone.operations)
  return alone
})
