/** What a person must hear of the second place: it is found out before there is anybody to hear it. */
import type { Log } from '../../../host/log.ts';
import type { Doubt } from './found.ts';
import type { HeadsOptions } from './head-keeper.ts';

export type HeadsNews = { readonly type: 'doubted'; readonly doubt: Doubt } | { readonly type: 'failed' };

export interface HeadsTeller {
  readonly options: Required<Pick<HeadsOptions, 'onHeadsFailed' | 'onHeadsWell' | 'onHeadsDoubted'>>;
  onNews(hear: (news: HeadsNews) => void): void;
}

/** Logs each piece of news at once, and keeps it until somebody hears. */
export function tellOfHeads(log: Log): HeadsTeller {
  const kept: HeadsNews[] = [];
  let tell = (news: HeadsNews): void => void kept.push(news);
  return {
    options: {
      onHeadsFailed: () => {
        log.error({ code: 'SECOND_PLACE', reason: 'FAILED' });
        tell({ type: 'failed' });
      },
      onHeadsWell: () => log.info({ code: 'SECOND_PLACE', reason: 'WELL' }),
      onHeadsDoubted: (doubt) => {
        log.error({ code: 'SECOND_PLACE', reason: doubt.reason, count: doubt.knownSeq });
        tell({ type: 'doubted', doubt });
      },
    },
    onNews(hear) {
      tell = hear;
      for (const news of kept.splice(0)) hear(news);
    },
  };
}
