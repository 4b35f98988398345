/** How bad it is: what each tier commits us to is in commitments.ts. */
export const severities = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const
export type Severity = (typeof severities)[number]

/** How far the work on an incident has come. */
export const incidentStates = ['investigating', 'identified', 'monitoring', 'resolved'] as const
export type IncidentState = (typeof incidentStates)[number]

/** The parts of Oort that can fail on their own, as their users know them. */
export const components = ['api', 'database', 'openai', 'anthropic', 'cerebras', 'mail', 'payments'] as const
export type Component = (typeof components)[number]

/** What a probe found. */
export const componentStates = ['operational', 'degraded', 'failed'] as const
export type ComponentState = (typeof componentStates)[number]
