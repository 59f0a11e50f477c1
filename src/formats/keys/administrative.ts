import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: message, generic. */
export const administrativeKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'message', provenance: 'verified', source: 'NLETS L1' }, [
    {
      key: 'AM',
      title: 'Administrative message',
      action: 'message',
      class: 'tell',
      form: 'free-text',
      destinations: { kind: 'both', regionMax: 5, provenance: 'verified', source: 'NLETS N17' },
      body: { max: 14_400, provenance: 'recalled', source: 'inferred from NLETS T1' },
      source: 'NLETS N1, N17',
      note: 'Free-form, point to point or broadcast; must be used for statewide, regional and APB broadcasts.',
    },
    {
      key: 'AML',
      title: 'Administrative message, law enforcement only',
      action: 'message',
      class: 'tell',
      form: 'free-text',
      destinations: { kind: 'both', regionMax: 5, provenance: 'verified', source: 'NLETS N17' },
      body: { max: 14_400, provenance: 'recalled', source: 'inferred from NLETS T1' },
      source: 'NLETS N1, N17',
      note: 'Nlets inserts FOR LAW ENFORCEMENT DISSEMINATION ONLY in the body.',
    },
    {
      key: 'AA',
      title: 'Amber alert',
      action: 'message',
      class: 'tell',
      form: 'free-text',
      source: 'NLETS N1, L1, A1',
    },
    { key: 'HS', title: 'Homeland security advisory', action: 'message', class: 'tell', form: 'free-text' },
    { key: 'HSL', title: 'Homeland security advisory (HSL)', action: 'message', class: 'tell', form: 'free-text' },
    {
      key: 'LEOFA',
      title: 'Law enforcement officer flying armed',
      action: 'message',
      class: 'tell',
      form: 'free-text',
      note: '5 characters, longer than the 2-3 of the guide.',
    },
  ]),
  ...defineKeys({ line: 'nlets', family: 'generic', provenance: 'verified', source: 'NLETS L1, N24' }, [
    {
      key: 'LE',
      title: 'Key LE (title not known)',
      action: 'message',
      class: 'tell',
      form: 'free-text',
      source: 'NLETS L1',
    },
    {
      key: 'LQ',
      title: 'Generic',
      action: 'request',
      class: 'tell',
      form: 'free-text',
      replies: ['LR'],
      destinations: { max: 1, kind: 'both', provenance: 'verified', source: 'NLETS N24' },
      note: 'One 2- or 9-character address; text not edited by Nlets.',
    },
    { key: 'LR', title: 'Generic, response', action: 'response', class: 'tell', form: 'free-text' },
  ]),
];
