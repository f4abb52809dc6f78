// Addresses by which clients reach S3 themselves, and uploads in parts that clients send there.
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { AppError } from '../lib/errors.ts';
import type { ObjectKey } from './objectKeys.ts';
import { s3Faults } from './s3faults.ts';
import { COMPLETE_MS } from './s3times.ts';
import type { DirectAccess, Part } from './store.ts';

export class S3Direct implements DirectAccess {
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly nameOf: (key: ObjectKey) => string;

  constructor(client: S3Client, bucket: string, nameOf: (key: ObjectKey) => string) {
    this.client = client;
    this.bucket = bucket;
    this.nameOf = nameOf;
  }

  getUrl(key: ObjectKey, ttl: number, as?: { disposition: string; contentType: string }): Promise<string> {
    const input = { ...this.at(key), ResponseContentDisposition: as?.disposition, ResponseContentType: as?.contentType };
    return this.sign(new GetObjectCommand(input), ttl);
  }

  putUrl(key: ObjectKey, ttl: number): Promise<string> {
    return this.sign(new PutObjectCommand(this.at(key)), ttl);
  }

  async createUpload(key: ObjectKey, contentType?: string): Promise<string> {
    const made = await s3Faults(() => this.client.send(new CreateMultipartUploadCommand({ ...this.at(key), ContentType: contentType })));
    return made.UploadId!;
  }

  partUrl(key: ObjectKey, uploadId: string, partNumber: number, ttl: number): Promise<string> {
    return this.sign(new UploadPartCommand({ ...this.at(key), UploadId: uploadId, PartNumber: partNumber }), ttl);
  }

  /** Bytes of the parts that have arrived; null where the server doesn't tell. */
  async sizeOfParts(key: ObjectKey, uploadId: string): Promise<number | null> {
    let total = 0;
    for (let after: string | undefined, more = true; more; ) {
      const command = new ListPartsCommand({ ...this.at(key), UploadId: uploadId, PartNumberMarker: after });
      const page = await s3Faults(() => this.client.send(command)).catch((error: unknown) => {
        if (error instanceof AppError) throw error;
        return null;
      });
      if (page === null) return null;
      for (const part of page.Parts ?? []) total += part.Size ?? 0;
      after = page.NextPartNumberMarker;
      more = page.IsTruncated === true && after !== undefined;
    }
    return total;
  }

  async completeUpload(key: ObjectKey, uploadId: string, parts: Part[]): Promise<void> {
    const Parts = parts.map((part) => ({ PartNumber: part.partNumber, ETag: part.etag })).sort((a, b) => a.PartNumber - b.PartNumber);
    const command = new CompleteMultipartUploadCommand({ ...this.at(key), UploadId: uploadId, MultipartUpload: { Parts } });
    await s3Faults(() => this.client.send(command, { requestTimeout: COMPLETE_MS }));
  }

  async abortUpload(key: ObjectKey, uploadId: string): Promise<void> {
    await s3Faults(() => this.client.send(new AbortMultipartUploadCommand({ ...this.at(key), UploadId: uploadId })));
  }

  private at(key: ObjectKey): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: this.nameOf(key) };
  }

  /** The SDK's types insist on one command type; the union is as good. */
  private sign(command: GetObjectCommand | PutObjectCommand | UploadPartCommand, ttl: number): Promise<string> {
    return getSignedUrl(this.client, command as GetObjectCommand, { expiresIn: ttl, signableHeaders: new Set(['host']) });
  }
}
