import { runs } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const runsSection = tableSection(runs, {
  file: 'runs.ndjson',
  holds: 'every run with its prompt and what came back, newest first',
  columns: [
    'id',
    'comparisonId',
    'providerKeyId',
    'apiKeyId',
    'endpoint',
    'provider',
    'model',
    'state',
    'inputTokens',
    'outputTokens',
    'usageEstimated',
    'costMicroUsd',
    'finishReason',
    'errorCode',
    'createdAt',
    'firstByteAt',
    'finishedAt',
  ],
  open: ['prompt', 'output'],
  leftOut: {
    userId: ofAccount,
    excerpt: 'the first words of the prompt, which is there in full',
    instanceId: 'a process of the server',
    cancelRequestedAt: 'between two processes of the server: the audit log tells of it',
  },
})
