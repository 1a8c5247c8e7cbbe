// Arguments: the command line in UTF-8, whatever main() was given.
#pragma once

#include <string>
#include <vector>

namespace holdfast {

class Arguments {
  public:
    // Of main(). [control thread]
    Arguments(int argc, const char* const* argv);

    // The program's name first, as main() has it; valid as long as this lives.
    [[nodiscard]] int count() const { return static_cast<int>(words_.size()); }
    [[nodiscard]] const char* const* words() const { return pointers_.data(); }

  private:
    void pointAtWords() {
        for (const std::string& word : words_) pointers_.push_back(word.c_str());
        pointers_.push_back(nullptr);
    }
    std::vector<std::string> words_;
    std::vector<const char*> pointers_;
};

}  // namespace holdfast
