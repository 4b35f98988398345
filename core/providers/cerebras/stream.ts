import { followChatCompletions } from '../openai-wire/stream.ts'
import type { StreamFollower } from '../provider.ts'
import { readStreamError } from './response.ts'

export function followStream(): StreamFollower {
  return followChatCompletions(readStreamError)
}
