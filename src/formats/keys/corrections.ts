import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: corrections. */
export const correctionsKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'nlets', family: 'corrections', provenance: 'verified', source: 'NLETS L1' }, [
    { key: 'CPQ', title: 'Corrections photo', action: 'request', class: 'inquiry', form: 'nlets', replies: ['CPR'] },
    { key: 'CPR', title: 'Corrections photo, response', action: 'response', class: 'tell', form: 'nlets' },
    {
      key: 'PAQ',
      title: 'Parole, probation or corrections',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['PAR'],
    },
    {
      key: 'PAR',
      title: 'Parole, probation or corrections, response',
      action: 'response',
      class: 'tell',
      form: 'nlets',
    },
    {
      key: 'PBQ',
      title: 'Parole, probation or corrections',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['PBR'],
    },
    {
      key: 'PBR',
      title: 'Parole, probation or corrections, response',
      action: 'response',
      class: 'tell',
      form: 'nlets',
    },
    {
      key: 'PCQ',
      title: 'Parole, probation or corrections',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['PCR'],
    },
    {
      key: 'PCR',
      title: 'Parole, probation or corrections, response',
      action: 'response',
      class: 'tell',
      form: 'nlets',
    },
    {
      key: 'PPQ',
      title: 'Parole, probation or corrections',
      action: 'request',
      class: 'inquiry',
      form: 'nlets',
      replies: ['PPR'],
    },
    {
      key: 'PPR',
      title: 'Parole, probation or corrections, response',
      action: 'response',
      class: 'tell',
      form: 'nlets',
    },
  ]),
];
