import { streamingLambdaHandler } from '../../core/http/lambda.ts'
import { auth } from './index.ts'

export const handler = streamingLambdaHandler(process.env, auth)
