import { defineKeys, type KeyTable, may, must, oneOf } from '../key-table.ts';

/** Message keys of the families: carrier. */
export const carrierKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'carrier', provenance: 'verified', source: 'NLETS L1' }, [
    {
      key: 'ACQ',
      title: 'Motor carrier',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['ACR'],
      fields: [must('DOT', 7, { note: 'carrier number, 1-7' })],
      fieldsProvenance: 'verified',
      source: 'NLETS L1, 4.4',
    },
    { key: 'ACR', title: 'Motor carrier, response', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'AVQ',
      title: 'Commercial vehicle',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['AVR'],
      fields: [oneOf('subject', 'VIN', 20), oneOf('subject', 'LIC', 10), may('LIS', 2, { with: 'LIC' })],
      fieldsProvenance: 'verified',
      source: 'NLETS L1, 4.4',
    },
    { key: 'AVR', title: 'Commercial vehicle, response', action: 'response', class: 'tell', form: 'nlets' },
    { key: 'FQC', title: 'Fuel tax', action: 'request', class: 'inquiry', form: 'nlets', replies: ['FRC'] },
    { key: 'FRC', title: 'Fuel tax, response', action: 'response', class: 'tell', form: 'nlets' },
  ]),
];
