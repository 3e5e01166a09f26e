package io.longreach.job;

import com.esotericsoftware.kryo.Kryo;
import io.longreach.job.embed.EmbedJob;
import io.longreach.job.input.Document;
import io.longreach.udfs.LongreachKryoRegistrator;
import org.apache.spark.serializer.KryoRegistrator;

/** Registers what the job serialises, on top of what the functions do. */
public final class JobKryoRegistrator implements KryoRegistrator {

  @Override
  public void registerClasses(Kryo kryo) {
    new LongreachKryoRegistrator().registerClasses(kryo);
    kryo.register(Document.class);
    EmbedJob.serializedClasses().forEach(kryo::register);
  }
}
