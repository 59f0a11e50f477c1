import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: weather. */
export const weatherKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'weather', provenance: 'verified', source: 'NLETS L1, N8' }, [
    {
      key: 'HQ',
      title: 'Road and weather',
      action: 'request',
      class: 'inquiry',
      form: 'free-text',
      replies: ['HR'],
      destinations: { max: 5, kind: 'region', provenance: 'verified', source: 'NLETS N8' },
      body: { must: true, listed: ['WEATHER'], provenance: 'verified', source: 'NLETS N8' },
      note: 'Body WEATHER. Up to 5 state codes.',
    },
    { key: 'HR', title: 'Road and weather, response', action: 'response', class: 'tell', form: 'free-text' },
  ]),
];
