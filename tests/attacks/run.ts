import { runLongForms } from '../support/run-long-forms.ts'

// The long forms of the attack suite: npm run test:attacks -- [--seed <n>] [filter …].
runLongForms('attacks')
