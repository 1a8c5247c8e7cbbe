// WaveformView: the last 30 s as peaks, with markers, gaps (hatched) and pauses.
#pragma once

#include <QWidget>
#include <vector>

namespace holdfast {

class WaveformView : public QWidget {
    Q_OBJECT

  public:
    static constexpr double kSeconds = 30;

    explicit WaveformView(QWidget* parent = nullptr);

    // The loudest sample of all channels since the last call (linear), and the seconds since then.
    void advance(float peak, double seconds);
    void addMarker();
    void addGap(double seconds);
    void clear();

    [[nodiscard]] QSize sizeHint() const override { return {320, 72}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 40}; }

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    static constexpr std::size_t kColumns = 600;  // 50 ms each
    struct Column {
        float peak = 0;
        bool marker = false;
        bool gap = false;
    };
    Column& newest() { return columns_[next_]; }

    std::vector<Column> columns_;
    std::size_t next_ = 0;
    double inColumn_ = 0;  // seconds
};

}  // namespace holdfast
