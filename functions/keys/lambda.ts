import { lambdaHandler } from '../../core/http/lambda.ts'
import { keys } from './index.ts'

export const handler = lambdaHandler(process.env, keys)
