import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: nlets-sex-offender. */
export const nletsSexOffenderKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'nlets-sex-offender', provenance: 'verified', source: 'NLETS L1' }, [
    {
      key: 'SON',
      title: 'Sex offender notification',
      action: 'message',
      class: 'tell',
      form: 'free-text',
      note: 'Word "notification" recalled.',
    },
    { key: 'SOQ', title: 'Sex offender', action: 'request', class: 'inquiry', form: 'nlets', replies: ['SOR'] },
    { key: 'SOR', title: 'Sex offender, response', action: 'response', class: 'tell', form: 'nlets' },
  ]),
];
