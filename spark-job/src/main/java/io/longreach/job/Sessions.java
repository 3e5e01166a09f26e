package io.longreach.job;

import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Spark sessions of the command line. */
final class Sessions {

  private Sessions() {}

  /** The session that spark-submit configured, or a local one on all cores. */
  static SparkSession open(String name) {
    SparkConf conf = configured(name);
    if (!conf.contains("spark.master")) {
      localSettings(conf, "*");
    }
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /** A local session on so many cores. */
  static SparkSession local(String name, int cores) {
    SparkConf conf = configured(name);
    localSettings(conf, String.valueOf(cores));
    return SparkSession.builder().config(conf).getOrCreate();
  }

  private static SparkConf configured(String name) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.app.name", name);
    conf.setIfMissing("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    conf.setIfMissing("spark.kryo.registrator", JobKryoRegistrator.class.getName());
    // Task metrics travel with heartbeats; progress is only as fresh as they are.
    conf.setIfMissing("spark.executor.heartbeatInterval", "2s");
    return conf;
  }

  private static void localSettings(SparkConf conf, String cores) {
    conf.setMaster("local[" + cores + "]");
    conf.setIfMissing("spark.kryo.registrationRequired", "true");
    conf.setIfMissing("spark.ui.enabled", "false");
    conf.setIfMissing("spark.driver.host", "localhost");
    conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
  }
}
