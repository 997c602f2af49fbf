/** Makes pictures as small as models read them, and without what a camera wrote into them. */

/** No model reads more; Anthropic takes no more where there are many. */
const MOST_PIXELS = 2_000;
/** Larger ones are stored as photographs are. */
const MOST_PNG_BYTES = 1_500_000;
const QUALITY = 0.9;
/** An animation would be lost; these have no place for what a camera writes. */
const MOST_GIF_BYTES = 4_000_000;

/** Whether a file is a picture, as the browser sees it. What it draws as text is none. */
export function isPicture({ type }: File): boolean {
  return type.startsWith('image/') && type !== 'image/svg+xml';
}

/**
 * Draws a picture anew: turned as the camera was, without place and time of the photograph.
 * @throws UnreadablePicture
 */
export async function smallPicture(file: File): Promise<File> {
  if (file.type === 'image/gif' && file.size <= MOST_GIF_BYTES) return file;
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new UnreadablePicture();
  });
  const { width, height } = bitmap;
  const scale = Math.min(1, MOST_PIXELS / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const drawing = canvas.getContext('2d');
  if (!drawing) throw new UnreadablePicture();
  drawing.imageSmoothingQuality = 'high';
  const isPhotograph = file.type === 'image/jpeg' || file.type === 'image/heic';
  let blob: Blob | undefined;
  if (!isPhotograph) {
    drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    blob = await blobOf(canvas, 'image/png');
  }
  if (!blob || blob.size > MOST_PNG_BYTES) {
    // What is transparent would be black.
    drawing.globalCompositeOperation = 'destination-over';
    drawing.fillStyle = '#fff';
    drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    blob = await blobOf(canvas, 'image/jpeg');
  }
  bitmap.close();
  const ending = blob.type === 'image/png' ? 'png' : 'jpg';
  const name = `${file.name.replace(/\.[^.]{1,5}$/, '') || 'picture'}.${ending}`;
  return new File([blob], name, { type: blob.type });
}

function blobOf(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) => (blob ? resolve(blob) : reject(new Error(type)));
    canvas.toBlob(done, type, QUALITY);
  });
}

/** The browser cannot show a picture, so no model could. */
export class UnreadablePicture extends Error {}
