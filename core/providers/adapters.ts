import * as anthropicRequest from './anthropic/request.ts'
import * as anthropicResponse from './anthropic/response.ts'
import * as anthropicStream from './anthropic/stream.ts'
import * as cerebrasRequest from './cerebras/request.ts'
import * as cerebrasResponse from './cerebras/response.ts'
import * as cerebrasStream from './cerebras/stream.ts'
import * as openaiRequest from './openai/request.ts'
import * as openaiResponse from './openai/response.ts'
import * as openaiStream from './openai/stream.ts'
import type { Provider, ProviderAdapter } from './provider.ts'

const adapters: { readonly [P in Provider]: ProviderAdapter & { readonly provider: P } } = {
  openai: {
    provider: 'openai',
    endpoint: 'chat.completions',
    endpoints: ['chat.completions'],
    promptRequest: openaiRequest.promptRequest,
    passThroughRequest: openaiRequest.passThroughRequest,
    modelsRequest: openaiRequest.modelsRequest,
    isPlausibleKey: openaiRequest.isPlausibleKey,
    readModels: openaiResponse.readModels,
    readAnswer: openaiResponse.readAnswer,
    readError: openaiResponse.readError,
    followStream: openaiStream.followStream,
  },
  anthropic: {
    provider: 'anthropic',
    endpoint: 'messages',
    endpoints: ['messages', 'chat.completions'],
    promptRequest: anthropicRequest.promptRequest,
    passThroughRequest: anthropicRequest.passThroughRequest,
    modelsRequest: anthropicRequest.modelsRequest,
    isPlausibleKey: anthropicRequest.isPlausibleKey,
    readModels: anthropicResponse.readModels,
    readAnswer: anthropicResponse.readAnswer,
    readError: anthropicResponse.readError,
    followStream: anthropicStream.followStream,
  },
  cerebras: {
    provider: 'cerebras',
    endpoint: 'chat.completions',
    endpoints: ['chat.completions'],
    promptRequest: cerebrasRequest.promptRequest,
    passThroughRequest: cerebrasRequest.passThroughRequest,
    modelsRequest: cerebrasRequest.modelsRequest,
    isPlausibleKey: cerebrasRequest.isPlausibleKey,
    readModels: cerebrasResponse.readModels,
    readAnswer: cerebrasResponse.readAnswer,
    readError: cerebrasResponse.readError,
    followStream: cerebrasStream.followStream,
  },
}

export function adapterOf(provider: Provider): ProviderAdapter {
  return adapters[provider]
}
