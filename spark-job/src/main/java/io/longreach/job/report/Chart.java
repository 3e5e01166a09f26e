package io.longreach.job.report;

import java.util.List;
import java.util.Locale;

/** Charts as SVG text. */
final class Chart {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 240;
  private static final int LEFT = 70;
  private static final int BOTTOM = 34;
  private static final int TOP = 10;
  private static final int TICKS = 4;

  /** A point of the data. */
  record Point(double x, double y, String title) {}

  /** A bar with its name. */
  record Bar(String name, double value) {}

  private final StringBuilder svg = new StringBuilder();
  private final double mostX;
  private final double mostY;

  private Chart(double mostX, double mostY, String xTitle, String yTitle) {
    this.mostX = mostX <= 0 ? 1 : mostX;
    this.mostY = mostY <= 0 ? 1 : mostY;
    svg.append(
        format(
            "<svg viewBox='0 0 %d %d' role='img' aria-label='%s'>",
            WIDTH, HEIGHT, escape(yTitle + " by " + xTitle)));
    for (int tick = 0; tick <= TICKS; tick++) {
      double y = y(this.mostY * tick / TICKS);
      svg.append(
          format("<line class='grid' x1='%d' y1='%.1f' x2='%d' y2='%.1f'/>", LEFT, y, WIDTH, y));
      svg.append(
          format(
              "<text x='%d' y='%.1f' text-anchor='end'>%s</text>",
              LEFT - 6, y + 4, number(this.mostY * tick / TICKS)));
    }
    svg.append(
        format(
            "<text x='%d' y='%d' text-anchor='end'>%s</text>", WIDTH, HEIGHT - 2, escape(xTitle)));
  }

  /** A line through points, with the area below it. */
  static String line(List<Point> points, String xTitle, String yTitle) {
    double mostX = points.stream().mapToDouble(Point::x).max().orElse(0);
    double mostY = points.stream().mapToDouble(Point::y).max().orElse(0);
    Chart chart = new Chart(mostX, mostY, xTitle, yTitle);
    chart.xTicks();
    StringBuilder path = new StringBuilder();
    for (Point point : points) {
      path.append(format("%.1f,%.1f ", chart.x(point.x()), chart.y(point.y())));
    }
    chart.svg.append("<polyline class='line' points='").append(path).append("'/>");
    return chart.end();
  }

  /** Points, with the diagonal that they would lie on. */
  static String diagonal(List<Point> points, String xTitle, String yTitle) {
    double most =
        points.stream().mapToDouble(point -> Math.max(point.x(), point.y())).max().orElse(0);
    Chart chart = new Chart(most, most, xTitle, yTitle);
    chart.xTicks();
    chart.svg.append(
        format(
            "<line class='ideal' x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f'/>",
            chart.x(0), chart.y(0), chart.x(chart.mostX), chart.y(chart.mostY)));
    for (Point point : points) {
      chart.svg.append(
          format(
              "<circle class='point' cx='%.1f' cy='%.1f' r='4'><title>%s</title></circle>",
              chart.x(point.x()), chart.y(point.y()), escape(point.title())));
    }
    return chart.end();
  }

  /** Upright bars, side by side. */
  static String bars(List<Bar> bars, String xTitle, String yTitle) {
    Chart chart =
        new Chart(1, bars.stream().mapToDouble(Bar::value).max().orElse(0), xTitle, yTitle);
    double step = (double) (WIDTH - LEFT) / Math.max(1, bars.size());
    for (int i = 0; i < bars.size(); i++) {
      double top = chart.y(bars.get(i).value());
      chart.svg.append(
          format(
              "<rect class='bar' x='%.1f' y='%.1f' width='%.1f' height='%.1f'><title>%s:"
                  + " %s</title></rect>",
              LEFT + i * step + 2,
              top,
              step - 4,
              chart.y(0) - top,
              escape(bars.get(i).name()),
              number(bars.get(i).value())));
      chart.svg.append(
          format(
              "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>",
              LEFT + (i + 0.5) * step, HEIGHT - BOTTOM + 16, escape(bars.get(i).name())));
    }
    return chart.end();
  }

  private void xTicks() {
    for (int tick = 1; tick <= TICKS; tick++) {
      svg.append(
          format(
              "<text x='%.1f' y='%d' text-anchor='end'>%s</text>",
              x(mostX * tick / TICKS), HEIGHT - BOTTOM + 16, number(mostX * tick / TICKS)));
    }
  }

  private double x(double value) {
    return LEFT + value / mostX * (WIDTH - LEFT - 6);
  }

  private double y(double value) {
    return HEIGHT - BOTTOM - value / mostY * (HEIGHT - BOTTOM - TOP);
  }

  private String end() {
    return svg.append("</svg>").toString();
  }

  /** Short, for axes: 1,234,567 is 1.2M. */
  static String number(double value) {
    if (value >= 1e9) {
      return format("%.1fG", value / 1e9);
    }
    if (value >= 1e6) {
      return format("%.1fM", value / 1e6);
    }
    if (value >= 1e4) {
      return format("%.0fk", value / 1e3);
    }
    return value == Math.rint(value) ? format("%.0f", value) : format("%.2f", value);
  }

  /** For text and attributes of HTML. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(Character.isISOControl(c) ? ' ' : c);
              }
            });
    return escaped.toString();
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
