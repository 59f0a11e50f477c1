import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: status, error. */
export const statusKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'status', provenance: 'verified', source: 'NLETS L1, N26, N33' }, [
    {
      key: 'SM',
      title: 'Status message',
      action: 'status',
      class: 'tell',
      form: 'free-text',
      note: '.01. and .04. = not delivered; .02. = queued.',
    },
  ]),
  ...defineKeys({ line: 'nlets', family: 'error', provenance: 'verified', source: 'NLETS L1, N2, N32' }, [
    {
      key: 'ER',
      title: 'Error message',
      action: 'error',
      class: 'tell',
      form: 'free-text',
      onlyFrom: 'NL0000000',
      note: 'Originated by NL0000000 only. Not the NCIC recovered gun (ERG).',
    },
  ]),
];
