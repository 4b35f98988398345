import { lambdaHandler } from '../../core/http/lambda.ts'
import { admin } from './index.ts'

export const handler = lambdaHandler(process.env, admin)
