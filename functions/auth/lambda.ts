import { lambdaHandler } from '../../core/http/lambda.ts'
import { auth } from './index.ts'

export const handler = lambdaHandler(process.env, auth)
