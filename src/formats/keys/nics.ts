import { defineKeys, type KeyTable } from '../key-table.ts';

/** Message keys of the families: nics. */
export const nicsKeys: readonly KeyTable[] = [
  ...defineKeys({ line: 'ncic', family: 'nics', header: '6L01', provenance: 'verified', source: 'LEDS-MKE' }, [
    {
      key: 'QN',
      title: 'NICS inquiry (title not known)',
      action: 'query',
      class: 'history',
      form: 'coded',
      note: 'Header from the LEDS bypass key NICS; field set not known.',
    },
    {
      key: 'QNP',
      title: 'NICS inquiry (title not known)',
      action: 'query',
      class: 'record',
      form: 'coded',
      note: 'Header from the LEDS bypass key NICS; field set not known.',
    },
    {
      key: 'QNR',
      title: 'NICS inquiry (title not known)',
      action: 'query',
      class: 'record',
      form: 'coded',
      note: 'Header from the LEDS bypass key NICS; field set not known.',
    },
    {
      key: 'QDP',
      title: 'NICS inquiry (title not known)',
      action: 'query',
      class: 'record',
      form: 'coded',
      note: 'Header from the LEDS bypass key NICS; field set not known.',
    },
    {
      key: 'QND',
      title: 'NICS inquiry (title not known)',
      action: 'query',
      class: 'record',
      form: 'coded',
      note: 'Header from the LEDS bypass key NICS; field set not known.',
    },
  ]),
];
