import { streamingLambdaHandler } from '../../core/http/lambda.ts'
import { runs } from './index.ts'

export const handler = streamingLambdaHandler(process.env, runs)
