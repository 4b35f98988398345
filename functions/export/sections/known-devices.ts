import { knownDevices } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const knownDevicesSection = tableSection(knownDevices, {
  file: 'known-devices.ndjson',
  holds: 'browsers that were signed in from before, of which no mail is sent again',
  columns: ['id', 'lastSeenAt', 'createdAt'],
  leftOut: { userId: ofAccount },
})
