import { runLongForms } from '../support/run-long-forms.ts'

// The long forms of the fault suite: npm run test:faults -- [--seed <n>] [filter …].
runLongForms('faults')
