/** Draws a logo anew, so that nothing is sent but its pixels. */

/** The server takes no larger ones. */
const MOST_PIXELS = 1_024;
const MOST_BYTES = 262_144;
/** PNG keeps edges as they are; a photo is too large as one. */
const FORMATS = [
  { type: 'image/png' },
  { type: 'image/webp', quality: 0.9 },
  { type: 'image/jpeg', quality: 0.9 },
  { type: 'image/jpeg', quality: 0.7 },
] as const;

/**
 * A picture as a data URL, turned as its camera says, without what the camera wrote into it, and no
 * larger than 1,024 pixels. What the browser cannot read stays as it is: the server says what is
 * wrong with it.
 */
export async function redrawnLogo(file: File): Promise<string> {
  const picture = await createImageBitmap(file).catch(() => undefined);
  const drawn = picture && (await draw(picture));
  return dataUrlOf(drawn ?? file);
}

async function draw(picture: ImageBitmap): Promise<Blob | undefined> {
  const scale = Math.min(1, MOST_PIXELS / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  let drawn: Blob | undefined;
  for (const format of FORMATS) {
    const { type } = format;
    const quality = 'quality' in format ? format.quality : undefined;
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, type, quality));
    // Browsers that cannot write a format write PNG in its place.
    if (blob?.type !== type) continue;
    drawn = blob;
    if (blob.size <= MOST_BYTES) break;
  }
  return drawn;
}

function dataUrlOf(content: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(content);
  });
}
