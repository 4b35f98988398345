import { streamingLambdaHandler } from '../../core/http/lambda.ts'
import { accountExport } from './index.ts'

export const handler = streamingLambdaHandler(process.env, accountExport)
