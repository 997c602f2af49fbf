import { useEffect } from 'preact/hooks';
import { isSentOnceUploaded, sendOnceUploaded, uploadState } from './attachments.ts';

/**
 * Sends the message of a composer that was sent before its files were there.
 * @returns whether it waits for them
 */
export function useSendOnceUploaded(conversation: string | undefined, send: () => void): boolean {
  const isWaiting = isSentOnceUploaded(conversation);
  const uploads = uploadState(conversation);
  useEffect(() => {
    if (!isWaiting || uploads === 'uploading') return;
    sendOnceUploaded(conversation, false);
    send();
  }, [isWaiting, uploads]);
  // Whoever opens another chat meanwhile finds the message here again, not sent.
  useEffect(() => () => sendOnceUploaded(conversation, false), [conversation]);
  return isWaiting;
}
