import { lambdaHandler } from '../../core/http/lambda.ts'
import { payments } from './index.ts'

export const handler = lambdaHandler(process.env, payments)
